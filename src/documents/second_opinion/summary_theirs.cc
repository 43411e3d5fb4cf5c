// qpdf's summary, and its repair of unsigned files. The one place that includes qpdf.
#include <algorithm>
#include <exception>
#include <set>

#define POINTERHOLDER_TRANSITION 4  // qpdf: std::shared_ptr only
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <qpdf/QPDFWriter.hh>

#include <heqi/documents/second_opinion/opinion.h>

#include "summary.h"

namespace heqi::documents::second_opinion {

using base::Code;
using base::fail;

namespace {

constexpr std::size_t kDepthMax = 64, kFieldsMax = 20'000;

void open(QPDF& reader, base::ByteView file, bool recover) {
  reader.setSuppressWarnings(true);
  reader.setAttemptRecovery(recover);
  reader.processMemoryFile("upload", reinterpret_cast<const char*>(file.data()), file.size());
}

// refused turns what qpdf says into our error; called inside a catch.
base::Error refused(std::string_view doing) {
  try {
    throw;
  } catch (const QPDFExc& error) {
    if (error.getErrorCode() == qpdf_e_password)
      return fail(Code::document_encrypted, "qpdf asks for a password");
    return fail(Code::malformed, std::string(doing) + ": qpdf at offset " +
                                     std::to_string(error.getFilePosition()) + ": " +
                                     error.getMessageDetail());
  } catch (const std::exception& error) {
    return fail(Code::malformed, std::string(doing) + ": qpdf: " + error.what());
  }
}

pdf::Rectangle rectangle_of(QPDFObjectHandle box) {
  if (!box.isRectangle()) return {};
  const auto rectangle = box.getArrayAsRectangle();
  return {std::min(rectangle.llx, rectangle.urx), std::min(rectangle.lly, rectangle.ury),
          std::max(rectangle.llx, rectangle.urx), std::max(rectangle.lly, rectangle.ury)};
}

std::string signature_of(QPDFObjectHandle value) {
  std::string line;
  if (!value.isDictionary()) return line;
  const std::string contents =
      value.getKey("/Contents").isString() ? value.getKey("/Contents").getStringValue() : "";
  // qpdf decrypts the /Contents of a document time-stamp, which is not encrypted (§7.6.2).
  const bool stamp = value.getKey("/Type").isNameAndEquals("/DocTimeStamp");
  const bool known = !(stamp && value.getOwningQPDF() && value.getOwningQPDF()->isEncrypted());
  line += " contents " + (known ? hash_of(base::bytes_of(contents)) : "closed") + " range";
  QPDFObjectHandle range = value.getKey("/ByteRange");
  if (range.isArray()) {
    for (int i = 0; i < range.getArrayNItems(); ++i)
      if (range.getArrayItem(i).isInteger())
        line += " " + std::to_string(range.getArrayItem(i).getIntValue());
  }
  return line;
}

// FieldWalk lists terminal fields as our reader counts them.
class FieldWalk {
 public:
  explicit FieldWalk(Summary& out) : out_(out) {}

  void node(QPDFObjectHandle field, std::string name, std::string type, QPDFObjectHandle value,
            std::size_t depth) {
    if (depth > kDepthMax || !field.isDictionary() || count_ > kFieldsMax) return;
    if (field.isIndirect() && !seen_.insert(field.getObjGen()).second) return;
    if (field.getKey("/T").isString())
      name += (name.empty() ? "" : ".") + field.getKey("/T").getUTF8Value();
    if (field.getKey("/FT").isName()) type = field.getKey("/FT").getName().substr(1);
    if (!field.getKey("/V").isNull()) value = field.getKey("/V");
    QPDFObjectHandle kids = field.getKey("/Kids");
    bool below = false;
    if (kids.isArray()) {
      for (int i = 0; i < kids.getArrayNItems(); ++i) {
        QPDFObjectHandle kid = kids.getArrayItem(i);
        if (!kid.isDictionary() || (!kid.hasKey("/T") && !kid.hasKey("/Kids"))) continue;
        below = true;
        node(kid, name, type, value, depth + 1);
      }
    }
    if (below) return;
    ++count_;
    out_.push_back("field " + name + " type " + type +
                   (type == "Sig" && value.isDictionary() ? signature_of(value) : ""));
  }

 private:
  Summary& out_;
  std::set<QPDFObjGen> seen_;
  std::size_t count_ = 0;
};

Summary summary_of(QPDF& reader) {
  std::vector<QPDFPageObjectHelper> pages = QPDFPageDocumentHelper(reader).getAllPages();
  Summary out{"pages " + std::to_string(pages.size())};
  for (std::size_t i = 0; i < pages.size(); ++i) {
    std::vector<std::string> hashes;
    for (QPDFObjectHandle& stream : pages[i].getPageContents()) {
      const auto data = stream.getStreamData(qpdf_dl_specialized);
      hashes.push_back(hash_of({data->getBuffer(), data->getSize()}));
    }
    QPDFObjectHandle rotate = pages[i].getAttribute("/Rotate", false);
    const int turned = rotate.isInteger() ? rotate.getIntValueAsInt() : 0;
    out.push_back(page_line(i, rectangle_of(pages[i].getAttribute("/MediaBox", false)),
                            (turned % 360 + 360) % 360, hashes));
  }
  QPDFObjectHandle fields = reader.getRoot().getKey("/AcroForm");
  fields = fields.isDictionary() ? fields.getKey("/Fields") : QPDFObjectHandle::newNull();
  FieldWalk walk(out);
  if (fields.isArray()) {
    for (int i = 0; i < fields.getArrayNItems(); ++i)
      walk.node(fields.getArrayItem(i), "", "", QPDFObjectHandle::newNull(), 0);
  }
  std::sort(out.begin() + 1 + static_cast<std::ptrdiff_t>(pages.size()), out.end());
  return out;
}

}  // namespace

base::Result<Summary> summarise_theirs(base::ByteView file) {
  try {
    QPDF reader;
    open(reader, file, false);
    Summary out = summary_of(reader);
    const auto warnings = reader.getWarnings();
    if (!warnings.empty())
      return fail(Code::malformed, "qpdf at offset " +
                                       std::to_string(warnings[0].getFilePosition()) + ": " +
                                       warnings[0].getMessageDetail());
    return out;
  } catch (...) {
    return refused("reading");
  }
}

base::Status compare_readers(base::ByteView file) {
  HEQI_TRY(const Summary ours, summarise_ours(file));
  const base::Result<Summary> theirs = summarise_theirs(file);
  if (!theirs) return fail(Code::document_readers_disagree, theirs.error().detail);
  const std::size_t common = std::min(ours.size(), theirs->size());
  for (std::size_t i = 0; i < common; ++i)
    if (ours[i] != (*theirs)[i])
      return fail(Code::document_readers_disagree,
                  "we see \"" + ours[i] + "\", qpdf \"" + (*theirs)[i] + "\"");
  if (ours.size() != theirs->size())
    return fail(
        Code::document_readers_disagree,
        "we see " + std::to_string(ours.size()) + " facts, qpdf " + std::to_string(theirs->size()));
  return {};
}

base::Result<base::Bytes> normalise(base::ByteView file) {
  try {
    const std::string_view text = base::text_of(file);
    if (text.substr(0, 4096).find("%PDF-") == std::string_view::npos)
      return fail(Code::document_not_pdf, "no %PDF- in the first 4096 octets");
    QPDF reader;
    open(reader, file, true);
    if (reader.isEncrypted()) return fail(Code::document_encrypted, "qpdf sees encryption");
    for (const std::string& line : summary_of(reader))
      if (line.find(" contents ") != std::string::npos && line.substr(0, 6) == "field ")
        return fail(Code::document_signed, "a signed file is not rewritten");
    QPDFWriter writer(reader);
    writer.setOutputMemory();
    writer.setDeterministicID(true);
    writer.setObjectStreamMode(qpdf_o_disable);
    writer.write();
    const auto buffer = writer.getBufferSharedPointer();
    return base::to_bytes(base::ByteView(buffer->getBuffer(), buffer->getSize()));
  } catch (...) {
    return refused("repairing");
  }
}

}  // namespace heqi::documents::second_opinion
