/** The picture's size in pixels. */
export interface PngSize {
  readonly width: number;
  readonly height: number;
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** The last chunk of every PNG: without it the file was cut off. */
const END = Buffer.from('\0\0\0\0IEND\xaeB`\x82', 'latin1');

/** The size of a whole PNG; undefined for anything else, also one that was cut off. Pure. */
export function readPngSize(bytes: Buffer): PngSize | undefined {
  if (!bytes.subarray(0, 8).equals(SIGNATURE) || bytes.subarray(12, 16).toString('latin1') !== 'IHDR') {
    return undefined;
  }
  if (!bytes.subarray(-END.length).equals(END)) return undefined;
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  return width === 0 || height === 0 ? undefined : { width, height };
}
