/** Hide user names, passwords and tokens in URLs: the URL of an index may carry them, and messages end up in logs. */
export function redact(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, '$1****@');
}

/** URLs as they tell where something is: without user names, passwords, and tokens in queries. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#'"]*@)?([^\s?'"]*)(?:\?[^\s#'"]*)?/gi, '$1$2');
}
