// heqi/testing/postgres.h: a private PostgreSQL for tests.
#pragma once
#include <memory>
#include <string>

#include <heqi/base/result.h>

namespace heqi::testing {

// PostgresCluster is a server of its own: a new cluster in a temporary folder, reached through a
// Unix socket only, run by an unprivileged user where the test runs as root, and gone with the
// object (or with the process that made it).
class PostgresCluster {
 public:
  struct Options {
    std::string binaries;  // folder of initdb and postgres; empty: looked for
    bool durable = false;  // fsync; off makes tests fast, and a crash of the host loses them
    std::string settings;  // more lines for postgresql.conf
  };

  // start fails with unavailable, with the reason in words, where PostgreSQL is not installed or
  // does not start.
  static base::Result<std::unique_ptr<PostgresCluster>> start();
  static base::Result<std::unique_ptr<PostgresCluster>> start(const Options& options);
  virtual ~PostgresCluster() = default;

  // make_database makes an empty database and returns its URL for sql::DatabaseOptions.
  virtual base::Result<std::string> make_database() = 0;
  // restart kills the server at once and starts it again: connections break, committed data stays.
  virtual base::Status restart() = 0;
  // stop and resume take the server away for a while.
  virtual base::Status stop() = 0;
  virtual base::Status resume() = 0;
};

// shared_postgres is the cluster of this test process, started at the first call; null where there
// is none, after printing the reason.
PostgresCluster* shared_postgres();

// usual_database is the URL of a new database: on PostgreSQL where the run asks for it
// (HEQI_TEST_ENGINE=postgresql, heqi_on_postgresql in cmake/), else the file name in folder. Ends
// the program where the run asks for PostgreSQL and there is none.
std::string usual_database(const std::string& folder, const std::string& name);
// runs_on_postgresql tells tests that read the database's files that there are none here.
bool runs_on_postgresql();

}  // namespace heqi::testing
