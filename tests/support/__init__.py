"""What tests share: small real programs and the real stack."""
