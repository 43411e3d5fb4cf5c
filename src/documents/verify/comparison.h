// comparison.h: the differences between a document at a revision and at its end.
#pragma once
#include <deque>
#include <map>
#include <set>

#include <heqi/documents/pdf/form.h>
#include <heqi/documents/verify/report.h>

namespace heqi::documents::verify {

struct Differences {
  LaterChanges level = LaterChanges::none;
  std::vector<Change> changes;              // at most kReportedChangesMax
  std::vector<std::string> filled_fields;   // fields other than signatures
  std::vector<std::string> signed_fields;   // that were there and empty, and their slices
  std::vector<std::string> visible_fields;  // signature fields that were added with a size
};

// Way is how the walk came to a value.
struct Way {
  Way() = default;
  Way(std::string text) : path(std::move(text)) {}  // NOLINT: a path alone leads to no field
  Way(const char* text) : path(text) {}             // NOLINT
  // below is the way from here by key.
  Way below(std::string_view key) const;

  std::string path;       // for the report
  bool to_field = false;  // by a key behind which a field may be met
  bool to_appearance = false;
};

// keys_of are the keys of both, each once.
std::set<std::string> keys_of(const pdf::Dictionary& a, const pdf::Dictionary& b);

// Comparison walks both documents side by side from the trailer: what was reachable must be the
// same, but for what change_rules.h names; and everything that later revisions write must be
// reachable, so that nothing lies ready for later. What may change as a field, a list or resources
// may be reached as that only: by any other way it is compared as it stands.
class Comparison {
 public:
  // now is a later revision of the same file. budget counts down; limit_exceeded at zero.
  Comparison(const pdf::Document& then, const pdf::Document& now, std::size_t& budget)
      : then_(then), now_(now), budget_(budget) {}

  base::Result<Differences> run();

 private:
  struct FieldState {
    std::string name;
    bool is_signature = false, newly_signed = false, is_time_stamp = false, is_added = false;
    bool is_slice = false;  // filled in and locked by the signature of another field
  };

  base::Status spend();
  void add(LaterChanges level, const Way& place, std::uint32_t object);
  void other(const Way& place, std::uint32_t object) { add(LaterChanges::other, place, object); }

  base::Status read_forms();
  base::Result<FieldState> state_of(const pdf::Field& field, const pdf::Field* before) const;
  // slices_of are the fields that show slices of what a newly signed field shows: empty push
  // buttons that its /Lock named, and that its signature locks.
  base::Status slices_of(const pdf::Form& before, const pdf::Field& field);
  base::Status trailer();
  base::Status earlier_trailers();
  base::Status object_pair(pdf::Reference id, const Way& place);
  base::Status same(const pdf::Value& before, const pdf::Value& after, const Way& place,
                    std::uint32_t object);
  base::Status same_dictionary(const pdf::Dictionary& before, const pdf::Dictionary& after,
                               const Way& place, std::uint32_t object);
  // same_entry compares the values of one key; either may be nullptr.
  base::Status same_entry(const pdf::Value* before, const pdf::Value* after, const Way& place,
                          std::uint32_t object);
  base::Status catalog(const pdf::Dictionary& before, const pdf::Dictionary& after,
                       std::uint32_t object);
  base::Status form(const pdf::Value* before, const pdf::Value* after);
  base::Status resources(const pdf::Value* before, const pdf::Value* after, const Way& place);
  base::Status page(const pdf::Dictionary& before, const pdf::Dictionary& after, const Way& place,
                    std::uint32_t object);
  base::Status annotations(const pdf::Value* before, const pdf::Value* after, const Way& place,
                           std::uint32_t object);
  base::Status field(const FieldState& state, const pdf::Dictionary& before,
                     const pdf::Dictionary& after, const Way& place, std::uint32_t object);
  base::Status added_field(const pdf::Field& field, const FieldState& state);
  // explain follows what is new, so that it counts as reachable.
  base::Status explain(const pdf::Value& value, const Way& place, std::uint32_t object,
                       std::size_t depth);
  base::Status unexplained();
  void shared_appearances();

  const pdf::Document& then_;
  const pdf::Document& now_;
  std::size_t& budget_;
  Differences out_;
  std::map<std::uint32_t, FieldState> fields_;  // fields and widgets of both, by object
  std::set<std::uint32_t> pages_;
  std::set<std::uint32_t> compared_;   // as they stand
  std::set<std::uint32_t> as_fields_;  // by a way on which fields may change
  std::set<std::uint32_t> grown_;      // lists, resources, the form: at their own place
  std::set<std::uint32_t> explained_;
  std::set<std::uint32_t> otherwise_;  // met by another way than as the appearance of a field
  std::vector<std::pair<std::uint32_t, Way>> left_;  // appearances that signed fields gave up
  std::deque<std::pair<pdf::Reference, Way>> queue_;
};

}  // namespace heqi::documents::verify
