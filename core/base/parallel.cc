// The threads behind parallel_for, the one global of the core. There is one job at a time; threads enter it while it is
// open, take pieces from a shared counter and leave when none is left. The caller takes part, then closes the job and
// waits for those inside only: a thread that wakes too late finds the job closed and is never waited for.
// A thread that just had work looks for more for a few tens of microseconds, then sleeps on a condition variable.
// Piece sizes: guided self-scheduling (Polychronopoulos and Kuck, IEEE Transactions on Computers, 1987).
#include "core/base/parallel.h"

#if HALFTONE_THREADS

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace halftone {
namespace {

constexpr auto kSpinTime = std::chrono::microseconds(50);

// Of this thread: its index in the pool (0: a caller), and whether it is inside a body.
thread_local int worker_index = 0;
thread_local bool inside_body = false;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Looks for `done` for a short time.
template <typename Done>
bool spin_until(Done&& done) {
  const auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < 64; ++i) {
      if (done()) return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

class Pool {
 public:
  ~Pool() { resize(1); }
  int count() const { return count_; }
  void resize(int count);
  // False: there is one thread, or another caller has the pool.
  bool run(int64_t n, int64_t grain, internal::PieceFn piece, void* context);

 private:
  // state_ holds the number of the job, whether it is open, and how many threads other than the caller are inside.
  static constexpr uint64_t kOpen = 1 << 15, kInside = kOpen - 1, kJob = 1 << 16;
  static uint64_t job_of(uint64_t state) { return state / kJob; }

  static void* thread_main(void* self);
  void serve();
  bool await_job(uint64_t seen, bool spin);
  bool enter();
  void leave();
  void wake(int64_t wanted);
  void finish();
  void run_pieces();

  // The job: written by the caller while it is closed and nobody is inside.
  internal::PieceFn piece_ = nullptr;
  void* context_ = nullptr;
  int64_t n_ = 0, grain_ = 1, units_ = 0;

  // A cache line each for what is written often.
  alignas(64) std::atomic<int64_t> next_unit_{0};
  alignas(64) std::atomic<uint64_t> state_{0};
  std::atomic<int> sleeping_{0};
  std::atomic<bool> caller_sleeps_{false}, busy_{false}, stop_{false};

  alignas(64) std::mutex mutex_;
  std::condition_variable wake_, finished_;
  std::array<pthread_t, kMaxThreads> threads_{};
  int count_ = 1;
  std::atomic<int> next_index_{1};
};

void Pool::resize(int count) {
  count = std::clamp(count, 1, kMaxThreads);
  if (count == count_) return;
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (int i = 1; i < count_; ++i) pthread_join(threads_[static_cast<size_t>(i)], nullptr);
  stop_ = false;
  next_index_ = 1;
  for (count_ = 1; count_ < count; ++count_) {
    if (pthread_create(&threads_[static_cast<size_t>(count_)], nullptr, thread_main, this) != 0) break;
  }
}

void* Pool::thread_main(void* self) {
  Pool& pool = *static_cast<Pool*>(self);
  worker_index = pool.next_index_++;
  inside_body = true;
  pool.serve();
  return nullptr;
}

void Pool::serve() {
  bool spin = false;
  for (uint64_t seen = 0; await_job(seen, spin); spin = true) {
    seen = job_of(state_.load());
    if (!enter()) continue;
    run_pieces();
    leave();
  }
}

// Waits for a job that is not `seen`. False: the thread ends.
bool Pool::await_job(uint64_t seen, bool spin) {
  const auto ready = [&] { return job_of(state_.load()) != seen || stop_.load(); };
  if (!spin || !spin_until(ready)) {
    std::unique_lock lock(mutex_);
    ++sleeping_;  // before looking at the state, as the caller looks at this after changing the state
    wake_.wait(lock, ready);
    --sleeping_;
  }
  return !stop_.load();
}

bool Pool::enter() {
  uint64_t state = state_.load();
  while (state & kOpen) {
    if (state_.compare_exchange_weak(state, state + 1)) return true;
  }
  return false;
}

void Pool::leave() {
  const uint64_t after = --state_;
  if ((after & (kOpen | kInside)) == 0 && caller_sleeps_.load()) {
    std::lock_guard lock(mutex_);
    finished_.notify_one();
  }
}

void Pool::wake(int64_t wanted) {
  if (sleeping_.load() == 0) return;
  std::lock_guard lock(mutex_);
  for (int64_t i = std::min<int64_t>(wanted, sleeping_.load()); i > 0; --i) wake_.notify_one();
}

// Closes the job and waits until nobody is inside.
void Pool::finish() {
  state_ &= ~kOpen;
  const auto empty = [this] { return (state_.load() & kInside) == 0; };
  if (spin_until(empty)) return;
  std::unique_lock lock(mutex_);
  caller_sleeps_ = true;
  finished_.wait(lock, empty);
  caller_sleeps_ = false;
}

// A piece is half of an even share of what is left: few pieces, and small ones at the end.
void Pool::run_pieces() {
  int64_t unit = next_unit_.load(std::memory_order_relaxed);
  while (unit < units_) {
    const int64_t taken = std::max<int64_t>((units_ - unit) / (2 * count_), 1);
    if (!next_unit_.compare_exchange_weak(unit, unit + taken, std::memory_order_relaxed)) continue;
    piece_(context_, unit * grain_, std::min((unit + taken) * grain_, n_), worker_index);
    unit = next_unit_.load(std::memory_order_relaxed);
  }
}

bool Pool::run(int64_t n, int64_t grain, internal::PieceFn piece, void* context) {
  if (count_ == 1 || busy_.exchange(true)) return false;
  piece_ = piece;
  context_ = context;
  n_ = n;
  grain_ = grain;
  units_ = (n - 1) / grain + 1;
  next_unit_ = 0;
  state_ += kJob + kOpen;
  wake(units_ - 1);
  inside_body = true;
  run_pieces();
  inside_body = false;
  finish();
  busy_ = false;
  return true;
}

Pool& pool() {
  static Pool instance;
  return instance;
}

}  // namespace

int thread_count() { return pool().count(); }

void set_thread_count(int count) { pool().resize(count); }

void internal::run_pieces(int64_t n, int64_t grain, PieceFn run, void* context) {
  if (n <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (n <= grain || inside_body || !pool().run(n, grain, run, context)) run(context, 0, n, worker_index);
}

}  // namespace halftone

#endif
