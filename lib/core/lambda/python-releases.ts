/**
 * A patch release of Python that each runtime certainly has: Lambda may have a newer one, and never an older one. Raise them by hand.
 *
 * 3.8 to 3.12 are releases of 2023 and 2024: Lambda applies security releases to the runtimes that it supports. For 3.13 and 3.14, users
 * reported these releases of the base images in January 2026. 3.15 is a preview. Last looked at in November 2026.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
 * @see https://github.com/aws/aws-lambda-base-images/issues/364
 * @see https://github.com/aws/aws-lambda-base-images/issues/374
 */
const PATCH_RELEASES: Readonly<Record<number, number>> = { 8: 18, 9: 20, 10: 15, 11: 10, 12: 7, 13: 9, 14: 0, 15: 0 };

/** `3.12.7` */
export function pythonRelease(minor: number): string {
  return `3.${minor}.${PATCH_RELEASES[minor] ?? 0}`;
}
