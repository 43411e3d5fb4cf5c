// worker_pool.h: threads that run handlers, with a bounded queue.
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

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace heqi::http
