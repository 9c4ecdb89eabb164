const KIBI = 1024; // bytes

/** A size in the unit of Lambda's quotas: `12.3 MiB`. */
export function mebibytes(size: number): string {
  return `${(size / KIBI / KIBI).toFixed(1)} MiB`;
}

/** A size in the unit that suits it: `12 B`, `1.5 KiB`, `2.0 MiB`. */
export function bytes(size: number): string {
  if (size < KIBI) return `${size} B`;
  return size < KIBI * KIBI ? `${(size / KIBI).toFixed(1)} KiB` : mebibytes(size);
}
