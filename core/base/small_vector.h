// A std::vector of plain elements that keeps the first N of them in itself, so that short lists allocate nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <ranges>
#include <span>
#include <type_traits>
#include <vector>

namespace halftone {

template <typename T, size_t N>
class SmallVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;
  using size_type = size_t;
  using difference_type = ptrdiff_t;
  using reference = T&;
  using const_reference = const T&;
  using iterator = T*;
  using const_iterator = const T*;

  SmallVector() = default;
  explicit SmallVector(size_t count, T value = T()) { assign(count, value); }
  SmallVector(std::initializer_list<T> list) { append(list.begin(), list.size()); }
  template <std::forward_iterator It>
  SmallVector(It first, It last) {
    assign(first, last);
  }
  // From any other list of T in one piece: a vector, a span.
  template <std::ranges::contiguous_range R>
    requires(std::is_same_v<std::ranges::range_value_t<R>, T> && !std::is_same_v<R, SmallVector>)
  SmallVector(const R& list) {
    append(std::ranges::data(list), std::ranges::size(list));
  }
  SmallVector(const SmallVector& other) { append(other.data_, other.size_); }
  SmallVector(SmallVector&& other) noexcept { steal(other); }
  SmallVector& operator=(const SmallVector& other) {
    if (this != &other) {
      size_ = 0;
      append(other.data_, other.size_);
    }
    return *this;
  }
  SmallVector& operator=(SmallVector&& other) noexcept {
    if (this != &other) {
      drop();
      steal(other);
    }
    return *this;
  }
  ~SmallVector() { drop(); }
  operator std::vector<T>() const { return {begin(), end()}; }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  auto rbegin() const { return std::reverse_iterator(end()); }
  auto rend() const { return std::reverse_iterator(begin()); }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T& front() { return data_[0]; }
  const T& front() const { return data_[0]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void clear() { size_ = 0; }
  void pop_back() { --size_; }
  void push_back(T value) { *open(size_, 1) = value; }
  void resize(size_t count, T value = T()) {
    const size_t more = count > size_ ? count - size_ : 0;
    if (more > 0) std::fill_n(open(size_, more), more, value);
    size_ = count;
  }
  void assign(size_t count, T value) {
    size_ = 0;
    resize(count, value);
  }
  template <std::forward_iterator It>
  void assign(It first, It last) {
    size_ = 0;
    insert(end(), first, last);
  }
  T* insert(const T* at, T value) {
    T* place = open(static_cast<size_t>(at - data_), 1);
    *place = value;
    return place;
  }
  // The elements must not be this vector's own.
  template <std::forward_iterator It>
  T* insert(const T* at, It first, It last) {
    T* place = open(static_cast<size_t>(at - data_), static_cast<size_t>(std::distance(first, last)));
    std::copy(first, last, place);
    return place;
  }
  T* insert(const T* at, std::initializer_list<T> list) { return insert(at, list.begin(), list.end()); }
  T* erase(const T* at) { return erase(at, at + 1); }
  T* erase(const T* first, const T* last) {
    T* place = data_ + (first - data_);
    std::copy(last, static_cast<const T*>(end()), place);
    size_ -= static_cast<size_t>(last - first);
    return place;
  }

  friend bool operator==(const SmallVector& a, const SmallVector& b) { return std::ranges::equal(a, b); }
  friend bool operator==(const SmallVector& a, const std::vector<T>& b) { return std::ranges::equal(a, b); }

 private:
  // Makes room for `count` elements before element `at`.
  T* open(size_t at, size_t count) {
    if (size_ + count > capacity_) grow(size_ + count);
    if (at < size_) std::memmove(static_cast<void*>(data_ + at + count), data_ + at, (size_ - at) * sizeof(T));
    size_ += count;
    return data_ + at;
  }
  void append(const T* from, size_t count) {
    T* to = open(size_, count);
    if (count > 0) std::memcpy(static_cast<void*>(to), from, count * sizeof(T));
  }
  void grow(size_t least) {
    const size_t capacity = std::max(least, 2 * capacity_);
    T* fresh = new T[capacity];
    std::copy(begin(), end(), fresh);
    drop();
    data_ = fresh;
    capacity_ = capacity;
  }
  // Frees what is on the heap; to be followed by data_ and capacity_.
  void drop() {
    if (data_ != here_) delete[] data_;
  }
  void steal(SmallVector& other) {
    const bool inside = other.data_ == other.here_;
    if (inside) std::copy(other.begin(), other.end(), here_);
    data_ = inside ? here_ : other.data_;
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.data_ = other.here_;
    other.size_ = 0;
    other.capacity_ = N;
  }

  T* data_ = here_;
  size_t size_ = 0, capacity_ = N;
  T here_[N];
};

}  // namespace halftone
