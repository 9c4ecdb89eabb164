const SECRET = /^AWS_|TOKEN|SECRET|PASSW(OR)?D|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|^NETRC$/i;

/** Whether a variable is a secret by its name. */
export function isSecret(variable: string): boolean {
  return SECRET.test(variable);
}

/** Whether a switch is on: `0`, `false`, `no`, `off` and an empty value say no, as in pip's own variables. */
export function isSet(name: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return !/^(0|n|no|f|false|off)?$/i.test(env[name]?.trim() ?? '');
}
