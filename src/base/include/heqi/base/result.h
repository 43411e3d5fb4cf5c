// heqi/base/result.h: errors are values. Shaped like std::expected, and must be looked at.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <heqi/base/error.h>

namespace heqi::base {

// check_failed prints where and what to standard error and aborts: a programmer's error, in release
// too.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

// Result is a T or the Error that stood in its way.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return require(), *std::get_if<0>(&state_); }
  const T& value() const& { return require(), *std::get_if<0>(&state_); }
  T&& value() && { return require(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return require_error(), *std::get_if<1>(&state_); }
  const Error& error() const& { return require_error(), *std::get_if<1>(&state_); }
  Error&& error() && { return require_error(), std::move(*std::get_if<1>(&state_)); }

  T value_or(T other) && {
    return has_value() ? std::move(*std::get_if<0>(&state_)) : std::move(other);
  }

 private:
  void require() const {
    if (!has_value()) check_failed("Result has a value", __FILE__, __LINE__);
  }
  void require_error() const {
    if (has_value()) check_failed("Result has an error", __FILE__, __LINE__);
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const {
    if (error_) check_failed("Result has a value", __FILE__, __LINE__);
  }

  Error& error() & { return require_error(), *error_; }
  const Error& error() const& { return require_error(), *error_; }
  Error&& error() && { return require_error(), std::move(*error_); }

 private:
  void require_error() const {
    if (!error_) check_failed("Result has an error", __FILE__, __LINE__);
  }

  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace heqi::base

// HEQI_TRY(declaration, expression) evaluates the expression, returns its error from the calling
// function, or declares the value: HEQI_TRY(auto csr, parse_csr(der)). HEQI_TRY(expression) drops
// the value.
#define HEQI_TRY(...) HEQI_TRY_PICK(__VA_ARGS__, HEQI_TRY_DECLARE, HEQI_TRY_ONLY)(__VA_ARGS__)
#define HEQI_TRY_PICK(a, b, macro, ...) macro
#define HEQI_TRY_ONLY(expression)                                  \
  do {                                                             \
    if (auto heqi_result = (expression); !heqi_result.has_value()) \
      return std::move(heqi_result).error();                       \
  } while (false)
#define HEQI_TRY_DECLARE(declaration, expression) \
  HEQI_TRY_NAMED(HEQI_TRY_JOIN(heqi_result_, __LINE__), declaration, expression)
#define HEQI_TRY_JOIN(a, b) HEQI_TRY_JOIN2(a, b)
#define HEQI_TRY_JOIN2(a, b) a##b
#define HEQI_TRY_NAMED(name, declaration, expression)    \
  auto name = (expression);                              \
  if (!name.has_value()) return std::move(name).error(); \
  declaration = *std::move(name)

// HEQI_CHECK aborts when the condition does not hold: for what only a mistake in this program can
// break.
#define HEQI_CHECK(condition) \
  ((condition) ? void(0) : ::heqi::base::check_failed(#condition, __FILE__, __LINE__))
