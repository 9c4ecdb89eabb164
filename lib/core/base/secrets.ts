const SECRET = /^AWS_|TOKEN|SECRET|PASSW(OR)?D|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|^NETRC$/i;

/** Whether a variable is a secret by its name. */
export function isSecret(variable: string): boolean {
  return SECRET.test(variable);
}
