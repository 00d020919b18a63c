/** What the pictures of a cluster share: where they begin, and how wide they are. */

import { RefObject, useEffect, useRef, useState } from 'react';

import type { ISpan } from '../model/steps';

/** Pixels before the picture, for the numbers of its lines. */
export const LEFT = 40;
/** Pixels above it. */
export const TOP = 6;
const LEAST_WIDTH = 320;
const USUAL_WIDTH = 640;

/** Return where a moment stands. */
export function across({ from, to }: ISpan, width: number): (at: number) => number {
  return at =>
    LEFT + ((Math.max(from, Math.min(to, at)) - from) / Math.max(to - from, 1)) * (width - LEFT - 1);
}

/** Return the width of a box in pixels, anew whenever it changes: text keeps its size in every width. */
export function useWidth(): [RefObject<HTMLDivElement>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(USUAL_WIDTH);
  useEffect(() => {
    const node = box.current;
    if (node === null || typeof ResizeObserver === 'undefined') {
      return undefined;
    }
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.max(LEAST_WIDTH, Math.floor(entry?.contentRect.width ?? USUAL_WIDTH)))
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}
