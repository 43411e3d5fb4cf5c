#include <heqi/base/local_socket.h>

#include <thread>

#include <heqi/base/file_store.h>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::base {
namespace {

class LocalSocket : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = folder_.path() + "/socket";
    listener_ = *LocalListener::listen(path_);
    thread_ = std::thread([this] {
      listener_->run([](LocalConnection& connection) {
        while (auto frame = connection.receive(1000))
          if (!connection.send(*frame)) return;
      });
    });
  }
  void TearDown() override {
    listener_->stop();
    thread_.join();
  }

  testing::TemporaryFolder folder_;
  std::string path_;
  std::unique_ptr<LocalListener> listener_;
  std::thread thread_;
};

TEST_F(LocalSocket, FramesComeBackWhole) {
  auto connection = LocalConnection::connect(path_, std::chrono::seconds(5));
  ASSERT_OK(connection);
  for (std::size_t size : {0u, 1u, 1000u}) {
    const Bytes frame(size, 7);
    ASSERT_OK(connection->send(frame));
    EXPECT_EQ(*connection->receive(1000), frame);
  }
  EXPECT_OK(connection->peer_user());
}

TEST_F(LocalSocket, AFrameOverTheLimitEndsTheConnection) {
  auto connection = LocalConnection::connect(path_, std::chrono::seconds(5));
  ASSERT_OK(connection);
  ASSERT_OK(connection->send(Bytes(1001)));
  EXPECT_ERROR(connection->receive(1000), Code::unavailable);
}

TEST_F(LocalSocket, ASecondListenerIsRefusedAndAStaleFileIsTakenOver) {
  EXPECT_ERROR(LocalListener::listen(path_), Code::conflict);
  const std::string stale = folder_.path() + "/stale";
  ASSERT_OK(write_file(stale, {}));
  EXPECT_OK(LocalListener::listen(stale));
}

TEST(LocalConnection, NobodyListeningIsUnavailable) {
  EXPECT_ERROR(LocalConnection::connect("/nonexistent/socket", std::chrono::seconds(1)),
               Code::unavailable);
  EXPECT_ERROR(LocalConnection::connect(std::string(200, 'x'), std::chrono::seconds(1)),
               Code::limit_exceeded);
}

}  // namespace
}  // namespace heqi::base
