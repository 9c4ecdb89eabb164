
/** Hide user names, passwords and tokens in URLs: index URLs carry them, and end up in logs. */
export function redact(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, '$1****@');
}
