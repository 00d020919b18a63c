"""Keys of a control plane of our own: made for one run, and signed by nobody but themselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


def write_key(path: Path) -> rsa.RSAPrivateKey:
    """Make a private key and write it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, syntax = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(form, syntax, serialization.NoEncryption()))
    path.chmod(0o600)
    return key


def write_client(key_path: Path, certificate_path: Path) -> None:
    """Make the certificate of an API server as a client of kubelets, which takes it for an administrator."""
    key, now = write_key(key_path), datetime.now(UTC)
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "system:masters")]
    name = x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, "apiserver")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
