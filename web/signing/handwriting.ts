// handwriting.ts: a pad to draw a signature on, with finger, pen or mouse. What is kept are the strokes, not a picture.
import { make } from './dom';

// Handwriting is what the platform takes (docs/openapi.yaml): strokes as x, y, x, y … in a field of width × height.
export interface Handwriting {
  width: number;
  height: number;
  strokes: number[][];
}

const width = 900;
const height = 360;
const pointsMax = 3800; // the platform takes 4000
const strokesMax = 100;
const nearest = 3; // points nearer than this to the last one are left out

export class HandwritingPad {
  readonly element: HTMLCanvasElement;
  private readonly strokes: number[][] = [];
  private current: number[] | null = null;
  private points = 0;

  constructor(label: string, private readonly onChange: () => void) {
    this.element = make('canvas', { class: 'pad', width, height, role: 'img', 'aria-label': label });
    this.element.addEventListener('pointerdown', (event) => this.begin(event));
    this.element.addEventListener('pointermove', (event) => this.move(event));
    for (const name of ['pointerup', 'pointercancel'] as const) {
      this.element.addEventListener(name, () => this.end());
    }
  }

  get isEmpty(): boolean {
    return this.strokes.length === 0;
  }
  value(): Handwriting {
    return { width, height, strokes: this.strokes.map((stroke) => [...stroke]) };
  }
  undo(): void {
    this.points -= (this.strokes.pop()?.length ?? 0) / 2;
    this.paint();
  }
  clear(): void {
    this.strokes.length = 0;
    this.points = 0;
    this.paint();
  }

  private begin(event: PointerEvent): void {
    if (!event.isPrimary || this.strokes.length >= strokesMax) return;
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    this.current = [];
    this.strokes.push(this.current);
    this.add(event);
  }
  private move(event: PointerEvent): void {
    if (!this.current) return;
    event.preventDefault();
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.add(one);
  }
  private end(): void {
    this.current = null;
    this.onChange();
  }
  private add(event: PointerEvent): void {
    if (!this.current || this.points >= pointsMax) return;
    const box = this.element.getBoundingClientRect();
    const x = inside(((event.clientX - box.left) / box.width) * width, width);
    const y = inside(((event.clientY - box.top) / box.height) * height, height);
    const [lastX, lastY] = this.current.slice(-2);
    if (lastX !== undefined && lastY !== undefined && Math.hypot(x - lastX, y - lastY) < nearest) return;
    this.current.push(x, y);
    ++this.points;
    this.paint();
  }

  private paint(): void {
    const context = this.element.getContext('2d');
    if (context) drawStrokes(context, this.strokes, 6);
    this.onChange();
  }
}

function inside(value: number, max: number): number {
  return Math.max(0, Math.min(max, Math.round(value)));
}

function drawStrokes(context: CanvasRenderingContext2D, strokes: number[][], pen: number): void {
  context.clearRect(0, 0, width, height);
  context.strokeStyle = '#0d1f73'; // as in the document
  context.lineWidth = pen;
  context.lineCap = context.lineJoin = 'round';
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0] ?? 0, stroke[1] ?? 0);
    for (let i = 0; i + 1 < stroke.length; i += 2) context.lineTo(stroke[i] ?? 0, stroke[i + 1] ?? 0);
    context.stroke();
  }
}
