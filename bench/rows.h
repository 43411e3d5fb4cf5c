// rows.h: what is measured. A file below bench/<group>/ registers a function that adds rows.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace heqi::bench {

// Operation does the measured work once and says whether it succeeded; Prepare makes one, outside
// the measured time, after the path was chosen: keys and tables are built in there.
using Operation = std::function<bool()>;
using Prepare = std::function<Operation()>;

enum class Unit { operations_per_second, megabytes_per_second };

// ToolFigure says where `openssl speed` prints the figure of the same work: its arguments, and the
// field of its machine-readable line, counted from the end.
struct ToolFigure {
  std::vector<std::string> arguments;
  unsigned field_from_end = 0;
};

// Peer is a stranger that does the same work in this process.
struct Peer {
  std::string who;
  Prepare prepare{};
  ToolFigure tool{};  // of OpenSSL only; without arguments there is none
  double amount =
      0;  // of one Operation, where it is not the row's: a peer without batches does one
  // figure measures the peer in a program of its own, in the row's unit, on the same core; prepare
  // is then empty. 0: the peer is not there.
  std::function<double()> figure{};
};

// Row is one line of the results. It is measured once for each path of the first primitive that
// this processor can run ("sm3_16k@avx2"); the other primitives follow to the path of that name
// where they have one. The line without a suffix is that of the fastest path.
struct Row {
  std::string name;
  Unit unit = Unit::operations_per_second;
  double amount = 1;  // operations or bytes that one Operation does
  std::vector<std::string> primitives{};
  Prepare prepare{};
  std::vector<Peer> peers{};
  bool yardstick = false;  // a peer's own figure that others are compared with
  // figure measures the row by itself, in its unit, where processor time of one call is not what
  // counts (a server under load, a disk); prepare is then empty.
  std::function<double()> figure{};
};

// Group is a static object of the file that adds rows: `const Group group("crypto", add_rows);`.
class Group {
 public:
  Group(std::string_view name, void (*add)(std::vector<Row>&));
  // rows_of gives the rows of one group, or of all for "".
  static std::vector<Row> rows_of(std::string_view name);
};

}  // namespace heqi::bench
