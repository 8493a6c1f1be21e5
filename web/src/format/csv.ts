// Writes rows as CSV (RFC 4180) and hands a file to the browser, without asking the server. Which cells
// a spreadsheet would compute is decided by the same rule as in `crates/api/src/cell.rs`.

/** What makes a spreadsheet compute a cell, in the widths in which it is typed. */
const FORMULA = "=+-@\t\r\n\0＝＋－＠";
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const isComputed = value !== "" && FORMULA.includes(value.charAt(0));
  const text = isComputed && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvOf(header: string[], rows: (string | number | null)[][]): string {
  return `${[header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function download(name: string, text: string, type = "text/csv;charset=utf-8"): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
