/** Lambda's quota for a function's code and its layers, unzipped, bytes. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_UNZIPPED_SIZE = 250 * 1024 * 1024;
