/** Side of the square blocks: two blocks of 32 x 32 floats (8 KiB) fit the first-level cache, so each cache line is fetched once. */
const side = 32;

/**
 * Writes the transpose of `source`, a row-major [rows, columns] matrix, into `target` as [columns, rows]. Throws RangeError when either
 * array has another length. `target` must not share memory with `source`.
 */
export function transposeInto(source: Float32Array, rows: number, columns: number, target: Float32Array): void {
  if (source.length !== rows * columns || target.length !== rows * columns) {
    throw new RangeError(`transposing [${rows}, ${columns}] from ${source.length} into ${target.length} elements`);
  }
  for (let rowStart = 0; rowStart < rows; rowStart += side) {
    const rowEnd = Math.min(rowStart + side, rows);
    for (let columnStart = 0; columnStart < columns; columnStart += side) {
      const columnEnd = Math.min(columnStart + side, columns);
      for (let column = columnStart; column < columnEnd; column++) {
        for (let row = rowStart; row < rowEnd; row++) target[column * rows + row] = source[row * columns + column]!;
      }
    }
  }
}
