// heqi/documents/marked/marked.h: marks against counterfeits on the pages of an OFD.
#pragma once
#include <string>
#include <vector>

#include <heqi/documents/ofd/package.h>
#include <heqi/documents/watermark/mark.h>

namespace heqi::documents::marked {

using watermark::Mark;

inline constexpr std::string_view kRecordPart = "Doc_0/Marks/Record.xml";
inline constexpr double kMarkPixelsPerMm = 150 / 25.4;  // at which pages are drawn to be read
inline constexpr std::size_t kUseSizeMax = 200;         // octets

// MarkRecord says what was put on the pages.
struct MarkRecord {
  crypto::Digest document{};  // SM3 of the file before
  std::string use;            // "copy for the tenant"
  std::vector<Mark> marks;
};

// mark_document puts marks on every page of an OFD that nobody has signed. secret hides their
// lattice: who does not have it cannot find or remove them; all zeros: anybody can read them. The
// same input gives the same octets. Fails as Package::open and read_bodies; with conflict where the
// file is signed or marked already; unsupported (several documents, annotations that are there);
// malformed (no marks, no use or one too long, pages too small).
base::Result<base::Bytes> mark_document(base::ByteView ofd, const MarkRecord& wish,
                                        const crypto::Digest& secret);

// find_record is the record of a package; nullopt where it has none. Fails with malformed.
base::Result<std::optional<MarkRecord>> find_record(const ofd::Package& package);

// MarkState: read, with the payload that the record asks for; foreign, with another one; missing,
// or destroyed.
enum class MarkState : std::uint8_t { read, foreign, missing };
std::string_view name_of(Mark mark);
std::string_view name_of(MarkState state);
std::optional<Mark> find_mark(std::string_view name);

struct MarkReading {
  Mark mark = Mark::robust;
  MarkState state = MarkState::missing;
  double score = 0;  // watermark::Reading
};

// Scan is a picture of a page: its own resolution, and how far it may be turned or stretched.
struct Scan {
  double pixels_per_mm = kMarkPixelsPerMm;
  watermark::Search search;
};

// read_page looks for each mark of the record in the picture of a page.
std::vector<MarkReading> read_page(const watermark::Picture& page, const MarkRecord& record,
                                   const crypto::Digest& secret, const Scan& scan = {});

}  // namespace heqi::documents::marked
