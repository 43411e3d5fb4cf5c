#include "mark_reading.h"

#include <algorithm>

#include <heqi/base/file_store.h>
#include <heqi/documents/drawing/canvas.h>

#include "rendering.h"

namespace heqi::program {

namespace marked = documents::marked;
using base::Result;

Result<crypto::Digest> load_mark_secret(const Arguments& arguments) {
  const auto path = arguments.find("--secret");
  if (!path) return crypto::Digest{};
  HEQI_TRY(const base::Bytes secret, base::read_file(*path, std::size_t{1} << 20));
  if (secret.size() < 16)
    return base::fail(base::Code::malformed, *path + ": a secret has at least 16 octets");
  return crypto::sm3(secret);
}

Result<std::optional<std::vector<PageMarks>>> read_marks(base::ByteView ofd,
                                                         const crypto::Digest& secret) {
  HEQI_TRY(const documents::ofd::Package package, documents::ofd::Package::open(ofd));
  HEQI_TRY(const auto record, marked::find_record(package));
  if (!record) return std::optional<std::vector<PageMarks>>();
  std::vector<PageMarks> out;
  RenderRequest request;
  request.pixels_per_mm = marked::kMarkPixelsPerMm;
  std::size_t pages = 1;
  for (request.page = 0; request.page < pages; ++request.page) {
    HEQI_TRY(const Rendered page, render_confined(ofd, request));
    HEQI_TRY(const documents::drawing::Picture picture,
             documents::drawing::decode_png(page.octets));
    pages = page.pages;
    out.push_back(marked::read_page(picture, *record, secret));
  }
  return std::optional(std::move(out));
}

bool all_read(const PageMarks& marks) {
  return std::all_of(marks.begin(), marks.end(), [](const marked::MarkReading& one) {
    return one.state == marked::MarkState::read;
  });
}

void write_marks(base::JsonWriter& json, const PageMarks& marks) {
  json.begin_array();
  for (const marked::MarkReading& one : marks) {
    json.begin_object().field("mark", marked::name_of(one.mark));
    json.field("state", marked::name_of(one.state)).key("score").number(one.score);
    json.end_object();
  }
  json.end_array();
}

std::string marks_text(const PageMarks& marks) {
  std::string out;
  for (const marked::MarkReading& one : marks)
    out += (out.empty() ? "" : ", ") + std::string(marked::name_of(one.mark)) + " " +
           std::string(marked::name_of(one.state));
  return out;
}

}  // namespace heqi::program
