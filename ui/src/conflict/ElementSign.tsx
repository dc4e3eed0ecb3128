import type { Fields } from "../canvas/outgoing";

/** The room of a sign, in its own units. */
const WIDTH = 26;
const HEIGHT = 18;
const EDGE = 2;

const number = (value: unknown, otherwise: number) => (typeof value === "number" && Number.isFinite(value) ? value : otherwise);

/** A colour of the document; anything else that stands there is none. */
function colour(value: unknown): string {
  return typeof value === "string" && CSS.supports("color", value) ? value : "none";
}

interface Placed {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** As large as fits, in the element's own proportions; very thin ones stay visible. */
function placed(fields: Fields): Placed {
  const [width, height] = [Math.max(1, Math.abs(number(fields["width"], 1))), Math.max(1, Math.abs(number(fields["height"], 1)))];
  const scale = Math.min((WIDTH - 2 * EDGE) / width, (HEIGHT - 2 * EDGE) / height);
  const size = { width: Math.max(4, width * scale), height: Math.max(4, height * scale) };
  return { x: (WIDTH - size.width) / 2, y: (HEIGHT - size.height) / 2, ...size };
}

/** More points than this can't be told apart at this size. */
const MOST_POINTS = 48;

function pointsPath(fields: Fields, { x, y, width, height }: Placed): string {
  const all = Array.isArray(fields["points"]) ? (fields["points"] as unknown[]) : [];
  const points = all.map((point): [number, number] => (Array.isArray(point) ? [number(point[0], 0), number(point[1], 0)] : [0, 0]));
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const some = points.filter((_, at) => at % every === 0 || at === points.length - 1);
  const [xs, ys] = [some.map(([px]) => px), some.map(([, py]) => py)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [spanX, spanY] = [Math.max(1, Math.max(...xs) - left), Math.max(1, Math.max(...ys) - top)];
  return some.map(([px, py], at) => `${at === 0 ? "M" : "L"}${(x + ((px - left) / spanX) * width).toFixed(1)} ${(y + ((py - top) / spanY) * height).toFixed(1)}`).join("");
}

function Shape({ fields }: { fields: Fields }) {
  const place = placed(fields);
  const { x, y, width, height } = place;
  switch (fields["type"]) {
    case "ellipse":
      return <ellipse cx={WIDTH / 2} cy={HEIGHT / 2} rx={width / 2} ry={height / 2} />;
    case "diamond":
      return <path d={`M${WIDTH / 2} ${y}L${x + width} ${HEIGHT / 2}L${WIDTH / 2} ${y + height}L${x} ${HEIGHT / 2}z`} />;
    case "line":
    case "arrow":
    case "freedraw":
      return <path d={pointsPath(fields, place)} />;
    case "text":
      return <path d={`M7 4h12M13 4v10.5`} />;
    default:
      return <rect x={x} y={y} width={width} height={height} rx={1.5} />;
  }
}

/** An element in small, in its own shape and colours, to tell one rectangle of a list from the next. */
export function ElementSign({ fields, gone = false }: { fields: Fields | undefined; gone?: boolean }) {
  if (fields === undefined) {
    return null;
  }
  return (
    <svg className="element-sign" data-gone={gone} width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" fill={colour(fields["backgroundColor"])} stroke={colour(fields["strokeColor"])}>
      <Shape fields={fields} />
    </svg>
  );
}
