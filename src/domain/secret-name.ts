const SECRET_NAME = /KEY|CODE|PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL/i;

/** True where a value of this name is masked everywhere. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

export const MASK = '***';

/** Masks the values of secret-looking query parameters and any user info of a URL written in text. */
export function maskUrl(text: string): string {
  return text
    .replace(/([?&;]([^=&;\s]+)=)([^&;\s"']*)/g, (whole, head: string, name: string) =>
      isSecretName(name) ? `${head}${MASK}` : whole,
    )
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/gi, `$1${MASK}@`);
}
