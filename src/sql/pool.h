// sql/pool.h: lends connections to threads, one each.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "connection.h"

namespace heqi::sql {

class Pool {
 public:
  using Make = std::function<base::Result<std::unique_ptr<Connection>>()>;

  Pool(std::size_t size_max, Make make) : size_max_(size_max), make_(std::move(make)) {}

  // Lease gives its connection back at its end.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // borrow waits for a free connection, or makes one. Fails as making does.
  base::Result<Lease> borrow() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return !idle_.empty() || size_ < size_max_; });
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
    ++size_;
    lock.unlock();
    auto made = make_();
    if (!made) {
      lock.lock();
      --size_;
      returned_.notify_one();
      return std::move(made).error();
    }
    return Lease(*this, std::move(*made));
  }

  // for_each_idle is for the end of the database, when nothing is lent.
  void for_each_idle(const std::function<void(Connection&)>& function) {
    const std::scoped_lock lock(mutex_);
    for (auto& connection : idle_) function(*connection);
  }

 private:
  void give_back(std::unique_ptr<Connection> connection) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(connection));
    returned_.notify_one();
  }

  std::size_t size_max_;
  Make make_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::size_t size_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace heqi::sql
