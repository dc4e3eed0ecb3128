/** Where elements are, in scene coordinates. */
import type { Fields } from "../canvas/outgoing";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

function unrotated(fields: Fields): Box {
  const [x, y] = [number(fields["x"]), number(fields["y"])];
  const points = fields["points"];
  if (!Array.isArray(points) || points.length === 0) {
    return { x, y, width: number(fields["width"]), height: number(fields["height"]) };
  }
  // Lines may run to any side of where they start.
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const point of points as unknown[]) {
    const [px, py] = Array.isArray(point) ? [number(point[0]), number(point[1])] : [0, 0];
    left = Math.min(left, px);
    right = Math.max(right, px);
    top = Math.min(top, py);
    bottom = Math.max(bottom, py);
  }
  return { x: x + left, y: y + top, width: right - left, height: bottom - top };
}

/** The upright box round an element, turned as it is. */
export function boxOf(fields: Fields): Box {
  const box = unrotated(fields);
  const angle = number(fields["angle"]);
  if (angle === 0) {
    return box;
  }
  const [sin, cos] = [Math.abs(Math.sin(angle)), Math.abs(Math.cos(angle))];
  const width = box.width * cos + box.height * sin;
  const height = box.width * sin + box.height * cos;
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/** The box round all of them; null where there are none. */
export function union(boxes: Iterable<Box>): Box | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return left > right ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** The box with some room round it. */
export function padded(box: Box, room: number): Box {
  return { x: box.x - room, y: box.y - room, width: box.width + 2 * room, height: box.height + 2 * room };
}
