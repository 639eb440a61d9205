// Usage: node peer.cjs PIXELS WIDTH HEIGHT OURS ROUNDS — the peer of BenchmarkPeer. PIXELS has a byte a dot
// (1 = black), OURS the bytes of our encoder. It lets ReceiptPrinterEncoder encode the same picture, lets npos
// decode both, and prints one line of JSON.
const fs = require('fs');
const Encoder = require('@point-of-sale/receipt-printer-encoder');
const npos = require('npos');

const [pixelsFile, width, height, oursFile, rounds] = process.argv.slice(2).map((v, i) => (i === 0 || i === 3 ? v : Number(v)));
const dots = fs.readFileSync(pixelsFile);
const rows = Math.ceil(height / 8) * 8; // it takes multiples of 8 alone
const data = new Uint8ClampedArray(width * rows * 4).fill(255);
for (let i = 0; i < dots.length; i++) {
  if (dots[i]) data.fill(0, i * 4, i * 4 + 3);
}

function encode() {
  const e = new Encoder({ language: 'esc-pos', imageMode: 'raster', columns: 48 });
  return e.initialize().image({ data, width, height: rows }, width, rows, 'threshold', 128).cut('partial').encode();
}

const took = [];
let theirs;
for (let i = 0; i < rounds + 20; i++) {
  const begun = process.hrtime.bigint();
  theirs = encode();
  if (i >= 20) took.push(Number(process.hrtime.bigint() - begun) / 1000); // warm
}
took.sort((a, b) => a - b);

// wrong counts the dots of the decoded picture that are not those of the ticket.
async function wrong(bytes) {
  const ast = await npos.parser().parse(Buffer.from(bytes));
  const picture = ast.entries.find((e) => e.type === 'raster').data;
  let n = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((picture.getPixel(x, y) === 0) !== (dots[y * width + x] === 1)) n++;
    }
  }
  return n;
}

// known lets npos step over what it has no rule for (GS ( functions: a length of two bytes follows).
npos.rules[npos.symbols.GS]['('] = [1, 'd16'];

(async () => {
  console.log(JSON.stringify({
    micros: took[Math.floor(took.length / 2)], bytes: theirs.length,
    wrongOurs: await wrong(fs.readFileSync(oursFile)), wrongTheirs: await wrong(theirs),
  }));
})();
