// The app's icon, drawn once as shapes on a 64 x 64 field and written both as SVG and as PNG.
// A building's outline in grey with one diamond in the colour of a critical alarm: grey is normal, colour is not.
import { crc32, deflateSync } from 'node:zlib';

type Point = readonly [x: number, y: number];
interface Shape {
  readonly fill: string;
  readonly corners: readonly Point[];
}

const box = (fill: string, x: number, y: number, width: number, height: number): Shape => ({
  fill,
  corners: [[x, y], [x + width, y], [x + width, y + height], [x, y + height]],
});

const GROUND = '#1b1d20';
const shapes: readonly Shape[] = [
  box('#8b9197', 16, 14, 20, 36),
  box('#5c6268', 36, 26, 12, 24),
  box(GROUND, 20, 19, 4, 5),
  box(GROUND, 28, 19, 4, 5),
  box(GROUND, 20, 28, 4, 5),
  box(GROUND, 28, 28, 4, 5),
  box(GROUND, 20, 37, 4, 5),
  { fill: GROUND, corners: [[41, 24], [57, 40], [41, 56], [25, 40]] },
  { fill: '#ff5a52', corners: [[41, 28], [53, 40], [41, 52], [29, 40]] },
];

export function svg(): string {
  const drawn = shapes
    .map(({ fill, corners }) => `<path fill="${fill}" d="M${corners.map((corner) => corner.join(' ')).join('L')}z"/>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="${GROUND}"/>${drawn}</svg>\n`;
}

/** `size` in pixels; `inset` is the share of each side left free, so that a round mask cuts nothing off. */
export function png(size: number, inset: number): Buffer {
  const SAMPLES = 4;
  const rows = Buffer.alloc(size * (1 + size * 3));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0];
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const across = (x + ((sample % SAMPLES) + 0.5) / SAMPLES) / size;
        const down = (y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size;
        const colour = colourAt(((across - inset) / (1 - 2 * inset)) * 64, ((down - inset) / (1 - 2 * inset)) * 64);
        for (let channel = 0; channel < 3; channel++) sum[channel]! += (colour >> (16 - 8 * channel)) & 255;
      }
      const at = y * (1 + size * 3) + 1 + x * 3;
      for (let channel = 0; channel < 3; channel++) rows[at + channel] = Math.round(sum[channel]! / (SAMPLES * SAMPLES));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB, no interlace
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

function colourAt(x: number, y: number): number {
  let found = GROUND;
  for (const shape of shapes) if (within(shape.corners, x, y)) found = shape.fill;
  return Number.parseInt(found.slice(1), 16);
}

// Every shape is convex and its corners run one way round, so a point is inside if it lies on one side of all edges.
function within(corners: readonly Point[], x: number, y: number): boolean {
  return corners.every(([ax, ay], index) => {
    const [bx, by] = corners[(index + 1) % corners.length]!;
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0;
  });
}
