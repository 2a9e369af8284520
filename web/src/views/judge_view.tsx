// Judging (comes with the data sets).
export function JudgeView() {
  return null;
}
