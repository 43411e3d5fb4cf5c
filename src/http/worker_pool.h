// worker_pool.h: threads that run handlers, with a bounded queue. At most one thread is on its way
// out of its sleep at a time; the one that comes wakes the next where there is more to do. So a
// burst of short tasks wakes few threads, and one that blocks holds up nothing.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace heqi::http {

class WorkerPool {
 public:
  WorkerPool(unsigned threads, std::size_t queue_max);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // submit queues task; false where the queue is full or the pool has stopped.
  bool submit(std::function<void()> task);
  // stop lets running tasks end and drops those that wait.
  void stop();

 private:
  void run();
  // wants_another is whether a sleeping thread is to be woken; the caller, who holds the mutex,
  // does it.
  bool wants_another();

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::size_t sleeping_ = 0;
  bool is_waking_ = false;  // one was notified and has not come yet
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace heqi::http
