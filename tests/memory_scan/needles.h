// needles.h: the forms in which a secret could stay, and the search for them in memory and files.
#pragma once
#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <heqi/crypto/curve.h>

namespace heqi::faults {

// Record is one entry of the file that HEQI_REVEAL_FILE names (heqi/base/fault_hooks.h).
struct Record {
  std::string name;
  base::Bytes octets;
};
base::Result<std::vector<Record>> read_records(const std::string& path);

// Needles are octets to look for, by the name of the secret and its form.
class Needles {
 public:
  // add_records adds the forms of every secret in records: of a scalar v those of v, 1/v and
  // 1/(1+v): raw, reversed, in Montgomery's form, each also by halves (a register that was
  // spilled), hexadecimal in both cases, Base64. Of an SM4 key also the first round keys.
  void add_records(const std::vector<Record>& records);
  // add_joint_keys adds the forms of d = d1·d2 − 1 for each d1 and d2 in records: the key that
  // nobody may hold.
  void add_joint_keys(const std::vector<Record>& records);
  // add_text adds a text as it is, reversed, in UTF-16, hexadecimal and Base64.
  void add_text(const std::string& name, const std::string& text);
  void add_octets(const std::string& name, base::Bytes octets);
  std::size_t size() const { return needles_.size(); }

  // find adds the names of what content holds to found.
  void find(base::ByteView content, std::set<std::string>& found) const;

 private:
  void add(const std::string& name, base::Bytes octets);
  void add_scalar(const std::string& name, const crypto::Scalar& v);
  void add_halves(const std::string& name, const base::Bytes& octets);

  std::set<std::pair<std::string, base::Bytes>> added_;  // records
  std::vector<std::pair<std::string, base::Bytes>> needles_;
  std::multimap<std::uint64_t, std::size_t> by_start_;
  // By the digest of a start: with a million needles, nine of ten places need no further look.
  std::vector<bool> starts_ = std::vector<bool>(std::size_t{1} << 24);
};

// find_in_memory searches every readable mapping of a process that stands still; fails
// as testing::read_memory. A name says in which mapping it was found.
base::Result<std::set<std::string>> find_in_memory(pid_t process, const Needles& needles);

// find_in_files searches every file below folder.
std::set<std::string> find_in_files(const std::string& folder, const Needles& needles);

}  // namespace heqi::faults
