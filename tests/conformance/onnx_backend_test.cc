// ONNX's own operator cases ($HALFTONE_SHARED/onnx-backend/node): prints how many pass, fail or are not supported by
// operator, and why the unsupported ones are. A case that runs and gives wrong numbers fails the test; the number that
// pass must not fall below the floor. HALFTONE_BACKEND_FILTER restricts the run to folders whose name holds that text
// and lists every case.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#include "tests/conformance/backend_case.h"

namespace halftone::testing {
namespace {

constexpr int kPassedFloor = 1671;

struct Counts {
  int passed = 0, failed = 0, unsupported = 0;
  void add(Verdict verdict) {
    (verdict == Verdict::kPassed ? passed : verdict == Verdict::kFailed ? failed : unsupported) += 1;
  }
};

void print_table(const std::map<std::string, Counts>& by_op) {
  std::printf("%-44s %7s %7s %12s\n", "operator", "passed", "failed", "unsupported");
  for (const auto& [op, counts] : by_op) {
    std::printf("%-44s %7d %7d %12d\n", op.c_str(), counts.passed, counts.failed, counts.unsupported);
  }
}

void print_reasons(const std::map<std::string, int>& reasons) {
  std::vector<std::pair<std::string, int>> sorted(reasons.begin(), reasons.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::printf("\nunsupported because\n");
  for (const auto& [reason, count] : sorted) std::printf("%6d  %s\n", count, reason.c_str());
}

TEST(OnnxBackend, CasesAgreeWithRecordedOutputs) {
  const char* shared = std::getenv("HALFTONE_SHARED");
  const auto root = std::filesystem::path(shared == nullptr ? "" : shared) / "onnx-backend" / "node";
  if (shared == nullptr || !std::filesystem::exists(root)) {
    GTEST_SKIP() << "HALFTONE_SHARED names no folder with onnx-backend: ONNX's operator cases are left out";
  }
  const char* filter = std::getenv("HALFTONE_BACKEND_FILTER");
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.is_directory() &&
        (filter == nullptr || entry.path().filename().string().find(filter) != std::string::npos)) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());

  Counts total;
  std::map<std::string, Counts> by_op;
  std::map<std::string, int> reasons;
  for (const auto& folder : folders) {
    const std::string name = folder.filename().string();
    SCOPED_TRACE(name);  // names the case when a sanitizer stops the run
    const CaseResult result = run_backend_case(folder);
    total.add(result.verdict);
    by_op[result.op].add(result.verdict);
    if (result.verdict == Verdict::kFailed) ADD_FAILURE() << name << ": " << result.reason;
    if (result.verdict == Verdict::kUnsupported) {
      // Without the node's name, which would make each reason one of its kind.
      ++reasons[result.reason.substr(0, result.reason.find(" ("))];
    }
    if (filter != nullptr) {
      const char* verdicts[] = {"passed", "failed", "unsupported"};
      std::printf("%-60s %s %s\n", name.c_str(), verdicts[static_cast<int>(result.verdict)], result.reason.c_str());
    }
  }
  print_table(by_op);
  if (!reasons.empty()) print_reasons(reasons);
  std::printf("\n%d cases: %d passed, %d failed, %d unsupported\n", static_cast<int>(folders.size()), total.passed,
              total.failed, total.unsupported);
  if (filter == nullptr) {
    EXPECT_GE(total.passed, kPassedFloor) << "fewer cases pass than before";
  }
}

}  // namespace
}  // namespace halftone::testing
