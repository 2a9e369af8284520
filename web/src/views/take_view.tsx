// Judging (comes with the data sets).
export function TakeView() {
  return null;
}
