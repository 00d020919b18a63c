// A table as a file, made in the browser.

/** Hand the person a CSV file. The first row is the head; every cell is text or a number. */
export function csv(name, rows) {
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  hand(name, new Blob([`${text}\r\n`], { type: "text/csv;charset=utf-8" }));
}

/** Hand the person a file. */
export function hand(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function cell(value) {
  const text = String(value ?? "");
  // A name that starts like a formula would run in a spreadsheet; an apostrophe makes it text. Numbers stay numbers.
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
