// writing.h: which database this thread writes to, so that no transaction waits for itself.
#pragma once
#include <heqi/base/result.h>

namespace heqi::sql {

// Writing marks this thread as inside a writing transaction of one database.
class Writing {
 public:
  explicit Writing(const void* database) : before_(current_) {
    check_not_to(database);
    current_ = database;
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() { current_ = before_; }

  static void check_not_to(const void* database) {
    HEQI_CHECK(current_ != database && "transactions of one database are not nested");
  }

 private:
  inline static thread_local const void* current_ = nullptr;
  const void* before_;
};

}  // namespace heqi::sql
