// change_rules.h: what may differ between a signed revision and a later one, as data (ISO 32000-2
// §12.8.2.2, §12.8.4.3; ETSI EN 319 142-1 §5.4). What is not named here may not.
#pragma once
#include <algorithm>
#include <string_view>

namespace heqi::documents::verify::rules {

template <std::size_t size>
bool holds(const std::string_view (&list)[size], std::string_view key) {
  return std::find(std::begin(list), std::end(list), key) != std::end(list);
}

// Bookkeeping of cross-reference sections; nothing that is shown.
inline constexpr std::string_view kTrailerBookkeeping[] = {
    "Size", "Prev", "XRefStm", "Type", "W", "Index", "Filter", "DecodeParms", "Length"};
// Data about the document.
inline constexpr std::string_view kTrailerFree[] = {"Info"};
inline constexpr std::string_view kCatalogFree[] = {"DSS", "Extensions", "Metadata", "Version"};
// A signature field that was empty and is signed now.
inline constexpr std::string_view kSignedField[] = {"V", "AP", "AS", "F", "M"};
// Any other field that is filled in.
inline constexpr std::string_view kFilledField[] = {"V", "AP", "AS", "M", "I"};
// A slice of what such a field shows.
inline constexpr std::string_view kSlice[] = {"AP"};
// What a signature field that is added may consist of.
inline constexpr std::string_view kAddedField[] = {
    "Type", "Subtype", "FT", "T",  "TU", "TM",     "V",    "F",  "Ff", "Rect",   "P",  "AP",
    "AS",   "MK",      "DA", "BS", "H",  "Border", "Lock", "SV", "M",  "Parent", "NM", "Q"};
// Keys that make a document act.
inline constexpr std::string_view kActive[] = {"JS", "AA", "A", "OpenAction", "Launch", "URI"};
// Keys behind which a field may be met; one that is met behind another may not change.
inline constexpr std::string_view kWaysToField[] = {"Fields", "Kids", "Parent", "Annots",
                                                    "CO",     "Obj",  "T"};
// Ways back into the document, which are not followed from what is new.
inline constexpr std::string_view kWaysBack[] = {"P", "Parent", "Data"};

}  // namespace heqi::documents::verify::rules
