/** What a cell of a confusion matrix says, under the pointer or moved to with the arrow keys. */

interface Shown {
  names: string[];
  samples: number[];
  /** `[row, column, samples]` */
  cells: [number, number, number][];
  left: number;
  top: number;
  cell: number;
}

for (const region of document.querySelectorAll<HTMLElement>('[data-matrix]')) explore(region);

function explore(region: HTMLElement): void {
  const shown = JSON.parse(region.dataset['matrix']!) as Shown;
  const { names, samples, left, top, cell } = shown;
  const counts = new Map(shown.cells.map(([row, column, count]) => [row * names.length + column, count]));
  const svg = region.querySelector('svg')!;
  const tip = region.parentElement!.querySelector<HTMLElement>('.tip')!;
  const [across, down, cursor] = ['cross', 'cross', 'cursor'].map((name) => {
    const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    rect.setAttribute('class', name);
    rect.setAttribute('visibility', 'hidden');
    svg.append(rect);
    return rect;
  }) as [SVGRectElement, SVGRectElement, SVGRectElement];
  const side = names.length * cell;
  let at: [row: number, column: number] = [0, 0];

  // Only with this script is there something to steer.
  region.setAttribute('role', 'application');
  region.setAttribute('aria-roledescription', 'confusion matrix');

  const show = (row: number, column: number): void => {
    at = [row, column];
    const [x, y] = [left + column * cell, top + row * cell];
    lay(across, left, y, side, cell);
    lay(down, x, top, cell, side);
    lay(cursor, x, y, cell, cell);
    const count = counts.get(row * names.length + column) ?? 0;
    const share = samples[row] === 0 ? '' : ` (${((100 * count) / samples[row]!).toFixed(2)}%)`;
    const what = row === column ? 'recognised' : `taken for ${names[column]}`;
    tip.textContent = `${names[row]}: ${count} of ${samples[row]}${share} ${what}`;
    placeTip();
  };

  const placeTip = (): void => {
    const [box, cellBox] = [region.parentElement!.getBoundingClientRect(), cursor.getBoundingClientRect()];
    const most = box.width - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(most, cellBox.right - box.left + 8))}px`;
    tip.style.top = `${cellBox.bottom - box.top + 8}px`;
  };

  const hide = (): void => {
    for (const rect of [across, down, cursor]) rect.setAttribute('visibility', 'hidden');
    tip.textContent = '';
  };

  const cellUnder = (event: PointerEvent): [number, number] | undefined => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const column = Math.floor(((event.clientX - box.left) * scale - left) / cell);
    const row = Math.floor(((event.clientY - box.top) * scale - top) / cell);
    const isInside = row >= 0 && row < names.length && column >= 0 && column < names.length;
    return isInside ? [row, column] : undefined;
  };

  const point = (event: PointerEvent): void => {
    const found = cellUnder(event);
    if (found === undefined) hide();
    else show(...found);
  };
  region.addEventListener('pointermove', point);
  region.addEventListener('pointerdown', point);
  region.addEventListener('pointerleave', hide);
  region.addEventListener('blur', hide);
  region.addEventListener('scroll', () => {
    if (tip.textContent !== '') placeTip();
  });

  region.addEventListener('focus', () => {
    if (region.matches(':focus-visible')) show(...at);
  });
  region.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return hide();
    const last = names.length - 1;
    const [row, column] = at;
    const moves: Record<string, [number, number]> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, last],
    };
    const move = moves[event.key];
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(...(move.map((place) => Math.max(0, Math.min(last, place))) as [number, number]));
    cursor.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    placeTip();
  });
}

function lay(rect: SVGRectElement, x: number, y: number, width: number, height: number): void {
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, String(value));
  rect.setAttribute('visibility', 'visible');
}

export {};
