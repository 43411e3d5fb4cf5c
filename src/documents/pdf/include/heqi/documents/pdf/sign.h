// heqi/documents/pdf/sign.h: fields → bytes to sign → embed, each step an incremental update
// (ISO 32000-2 §12.8, ETSI EN 319 142-1). No private key comes near this code.
#pragma once
#include <array>

#include <heqi/documents/pdf/form.h>
#include <heqi/documents/pdf/update.h>

namespace heqi::documents::pdf {

// Placement is a rectangle on a page as it is displayed: after /Rotate, inside the crop box, in
// millimetres from the upper left corner.
struct Placement {
  std::size_t page = 0;  // 0 is the first page
  double left_mm = 0, top_mm = 0, width_mm = 60, height_mm = 25;
};

// to_user_space is placement in the page's own coordinates. Fails with malformed where it is not
// wholly on the page.
base::Result<Rectangle> to_user_space(const Page& page, const Placement& placement);

// FieldLock is what may not change any more once a field is signed (FieldMDP, §12.7.5.5,
// §12.8.2.4).
struct FieldLock {
  enum class Action : std::uint8_t { all, include, exclude };
  Action action = Action::include;
  std::vector<std::string> fields;  // full names; not for all
};

// FieldRequest is one party's empty signature field with its widget. Slices show further pieces of
// what the field shows (骑缝章): each takes as much as it is wide, in their order, placement's
// first, from the picture's left to its right. A signature field has one widget (ISO 32000-2
// §12.7.5.5), so each slice is a push button NAME-seam1, NAME-seam2 …, which is filled in with the
// signature and which the field locks: from then on a change of a slice breaks the signature.
struct FieldRequest {
  std::string name;   // the field's name, unique, without '.'
  std::string label;  // /TU: what a reader shows, UTF-8; may be empty
  Placement placement;
  std::optional<FieldLock> lock = {};
  std::vector<Placement> slices = {};  // with a lock of named fields, or none
};

// prepare_fields is phase 0: adds AcroForm with SigFlags 3 and every party's empty field before
// anyone has signed. Returns the whole new file. Fails with conflict where a signature is there
// already, a name is taken or two new fields overlap; malformed where a placement is off the page.
base::Result<base::Bytes> prepare_fields(base::ByteView file,
                                         const std::vector<FieldRequest>& fields);
// find_slices are the push buttons that show slices of what a field shows, in their order: those
// that its /Lock names.
base::Result<std::vector<const Field*>> find_slices(const Document& document, const Form& form,
                                                    const Field& field);
// append_fields is only what is appended.
base::Result<base::Bytes> append_fields(base::ByteView file,
                                        const std::vector<FieldRequest>& fields);

// Fit says how large an appearance shows: as large as the widget allows, or exactly as it was
// drawn.
enum class Fit : std::uint8_t { widget, exact };

// Appearance is a form XObject (graph's first object) drawn for a box of width × height points, as
// displayed. prepare_signature puts it into the middle of the widget and turns it with the page;
// with Fit::exact it fails with malformed where the widget is smaller. A field with slices needs
// Fit::exact and shows the whole, once or more often.
struct Appearance {
  Graph graph;
  double width = 0, height = 0;
  Fit fit = Fit::widget;
};

inline constexpr std::string_view kSubFilterCades = "ETSI.CAdES.detached";
inline constexpr std::string_view kSubFilterTimeStamp = "ETSI.RFC3161";
inline constexpr std::size_t kContentsReservedMin = 32 * 1024;

// Certification is the author's statement of what may change later (DocMDP, §12.8.2.2).
enum class Certification { none, no_changes = 1, form_filling = 2, annotations = 3 };

// SignatureRequest says which field is signed and how.
struct SignatureRequest {
  std::string field;
  std::optional<Appearance> appearance;  // without one the widget stays empty
  std::string filter = "Adobe.PPKLite";
  std::string sub_filter{kSubFilterCades};
  std::string name, reason, location;                    // UTF-8; empty ones are not written
  base::Time time;                                       // /M, the claimed time
  std::size_t contents_reserved = kContentsReservedMin;  // octets of CMS; at least the minimum
  Certification certification = Certification::none;     // only for the first signature
};

// Appendix is what one signature appends to a file, with a hole for the message. The file itself is
// not copied: it may be larger than memory.
struct Appendix {
  base::Bytes octets;
  std::uint64_t file_size = 0;  // of the file that it belongs to
  std::string field;
  std::uint64_t contents_begin = 0;  // offset of '<' in the file with its appendix
  std::uint64_t contents_end = 0;    // offset after '>'

  // byte_range is {0, contents_begin, contents_end, what is left}.
  std::array<std::uint64_t, 4> byte_range() const;
  // parts are the runs that are signed: the whole file, the appendix before and behind the hole.
  std::array<base::ByteView, 3> parts(base::ByteView file) const;
  // filled is octets with the message (any DER) in the hole. Same input, same result. Fails with
  // limit_exceeded where it does not fit, malformed where it is no DER SEQUENCE.
  base::Result<base::Bytes> filled(base::ByteView message) const;

  base::Bytes encode() const;  // DER
  // parse checks that the hole is inside and empty. Fails with malformed, unsupported.
  static base::Result<Appendix> parse(base::ByteView encoded);
};

// append_signature fills in the field of request. Same file and request, same result. Fails with
// not_found (no such signature field), conflict (signed already; certification of a signed file),
// limit_exceeded, malformed.
base::Result<Appendix> append_signature(base::ByteView file, const SignatureRequest& request);

// Prepared is a file with a hole for the signature. It can be kept as bytes for days.
struct Prepared {
  base::Bytes file;
  std::string field;
  std::uint64_t contents_begin = 0;  // offset of '<'
  std::uint64_t contents_end = 0;    // offset after '>'

  Prepared() = default;
  Prepared(base::ByteView before, const Appendix& appendix);

  // byte_range is {0, contents_begin, contents_end, file.size() − contents_end}.
  std::array<std::uint64_t, 4> byte_range() const;
  // parts are the two runs of octets that are signed, in order.
  std::array<base::ByteView, 2> parts() const;
  // content_to_sign joins the parts: what a messageDigest is computed over.
  base::Bytes content_to_sign() const;

  base::Bytes encode() const;  // DER
  // parse checks that the hole is a signature's /Contents of zeros. Fails with malformed.
  static base::Result<Prepared> parse(base::ByteView encoded);
};

// prepare_signature is append_signature with the file in one piece.
base::Result<Prepared> prepare_signature(base::ByteView file, const SignatureRequest& request);

// finish_signature puts the CMS (any DER) into the hole. Same input, same result. Fails with
// limit_exceeded where it does not fit, malformed where it is no DER SEQUENCE.
base::Result<base::Bytes> finish_signature(const Prepared& prepared, base::ByteView cms);

// ValidationData is what a long-term verifier needs (DSS, ISO 32000-2 §12.8.4.3).
struct ValidationData {
  std::vector<base::Bytes> certificates, crls, ocsps;  // DER
  // Related is one signature's VRI entry: indexes into the lists above.
  struct Related {
    std::string key;  // upper-case hexadecimal SHA-1 of the signature's /Contents
    std::vector<std::size_t> certificates, crls, ocsps;
  };
  std::vector<Related> related;
};

// add_validation_data merges data into the DSS as one incremental update; what is there already is
// not written again. Returns the whole new file.
base::Result<base::Bytes> add_validation_data(base::ByteView file, const ValidationData& data);
// append_validation_data is only what is appended; empty where there is nothing new.
base::Result<base::Bytes> append_validation_data(base::ByteView file, const ValidationData& data);

// TimeStampRequest is a document time-stamp (/DocTimeStamp, ETSI.RFC3161).
struct TimeStampRequest {
  std::string field =
      "DocumentTimeStamp1";  // used if empty and there, else added without widget box
  std::size_t contents_reserved = kContentsReservedMin;
};
base::Result<Appendix> append_document_time_stamp(base::ByteView file,
                                                  const TimeStampRequest& request);
base::Result<Prepared> prepare_document_time_stamp(base::ByteView file,
                                                   const TimeStampRequest& request);

}  // namespace heqi::documents::pdf
