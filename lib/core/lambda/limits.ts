// @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

/** Lambda's quota for a function's code and its layers, unzipped, bytes. */
export const MAX_UNZIPPED_SIZE = 250 * 1024 * 1024;

/** Lambda's quota for the layers of a function. */
export const MAX_LAYERS = 5;
