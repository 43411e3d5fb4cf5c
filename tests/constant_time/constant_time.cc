// constant_time: runs every operation on secrets with the secrets marked undefined, so that
// valgrind reports each branch and each address that depends on one. The argument names an
// operation, or is `all`, or is one of the modes that must be reported (`leak-branch`,
// `leak-index`, `leak-vartime`).
#include "operations.h"

namespace heqi::constant_time {
namespace {

// The checker itself is checked: each of these must be reported.
void leak_branch() {
  const base::Bytes secret = secret_bytes(1, 31);
  std::puts(secret[0] > 100 ? "large" : "small");
}
void leak_vartime() {
  (void)crypto::mul_add_vartime(secret_scalar(33), secret_scalar(34), public_point(35));
}
void leak_index() {
  static const volatile std::uint8_t table[256] = {1, 2, 3};
  const base::Bytes secret = secret_bytes(1, 32);
  volatile std::uint8_t read = table[secret[0]];
  (void)read;
}

int run(const std::string& name) {
  const std::map<std::string, void (*)()> leaks = {
      {"leak-branch", leak_branch}, {"leak-index", leak_index}, {"leak-vartime", leak_vartime}};
  if (const auto leak = leaks.find(name); leak != leaks.end()) return leak->second(), 0;
  Operations all;
  add_crypto_operations(all);
  add_sm4_operations(all);
  add_sm9_operations(all);
  add_symmetric_operations(all);
  add_protocol_operations(all);
  bool any = false;
  for (const auto& [operation, operate] : all) {
    if (name != "all" && name != operation) continue;
    operate();
    std::printf("ran %s\n", operation.c_str());
    any = true;
  }
  return any ? 0 : 2;
}

}  // namespace
}  // namespace heqi::constant_time

int main(int argc, char** argv) {
  return heqi::constant_time::run(argc > 1 ? argv[1] : "all");
}
