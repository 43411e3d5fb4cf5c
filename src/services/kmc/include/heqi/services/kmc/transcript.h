// heqi/services/kmc/transcript.h: what was done with keys, by whom; each line carries the SM3 of
// the line before it, so that none can be changed or taken out unseen.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/json.h>
#include <heqi/sql/database.h>

namespace heqi::services::kmc {

struct Line {
  std::int64_t number = 0;  // 1, 2, 3 …
  base::Time at;
  std::string event, subject, who, detail;
  base::Bytes digest;  // SM3(digest of the line before || the fields of this one, length first)
};

// append adds a line in the transaction of what it tells.
base::Status append(sql::Transaction& tx, Line line);
base::Result<std::vector<Line>> read_transcript(sql::Database& database);
// verify_transcript fails with invalid_signature at the first line that does not fit, naming it.
base::Status verify_transcript(const std::vector<Line>& lines);
// write_line writes a line as a JSON object.
void write_line(base::JsonWriter& json, const Line& line);

}  // namespace heqi::services::kmc
