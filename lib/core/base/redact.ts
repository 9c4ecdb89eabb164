/** Hide user names, passwords and tokens in URLs: the URL of an index may carry them, and messages end up in logs. */
export function redact(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, '$1****@');
}
