// heqi_with_postgres COMMAND [ARGUMENT…] starts a private PostgreSQL, puts the URL of an empty
// database into the environment as HEQI_POSTGRES_URL, runs the command, and gives back its exit
// status. Exits with 77 where there is no PostgreSQL.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <heqi/base/error.h>
#include <heqi/testing/postgres.h>

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: heqi_with_postgres COMMAND [ARGUMENT...]\n");
    return 2;
  }
  heqi::testing::PostgresCluster::Options options;
  options.durable = true;
  auto cluster = heqi::testing::PostgresCluster::start(options);
  if (!cluster) {
    std::fprintf(stderr, "%s\n", heqi::base::to_line(cluster.error()).c_str());
    return 77;
  }
  const auto url = (*cluster)->make_database();
  if (!url) {
    std::fprintf(stderr, "%s\n", heqi::base::to_line(url.error()).c_str());
    return 77;
  }
  ::setenv("HEQI_POSTGRES_URL", url->c_str(), 1);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execvp(arguments[1], arguments + 1);
    std::perror(arguments[1]);
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) < 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
