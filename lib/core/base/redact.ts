/**
 * Hide user names, passwords and tokens in URLs, and what signs a URL in its query: the URL of an index may carry them, and messages end
 * up in logs. A password may have an `@` in it, so that the last one counts.
 */
export function redact(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#'"]+@/gi, '$1****@').replace(SECRET_IN_QUERY, '$1****');
}

const SECRET_IN_QUERY = /([?&][\w.-]*(?:token|signature|credential|password|passwd|secret|key|auth|sig)[\w.-]*=)[^\s&#'"]+/gi;

/** The same in values of messages, which may be lists. */
export function redactAll(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  return Array.isArray(value) ? value.map(redactAll) : value;
}

/** URLs as they tell where something is: without user names, passwords, and tokens in queries. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#'"]*@)?([^\s?'"]*)(?:\?[^\s#'"]*)?/gi, '$1$2');
}
