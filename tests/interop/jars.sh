# jars.sh: sourced by the judges that are written in Java.
#
# fetch_jars POM FOLDER SECONDS GOAL…: Maven brings the jars of POM into FOLDER, once for each content of POM. Where
# the compiler, Maven, the network or an artifact is missing, the script says why and ends with success. $judge is the
# name that people are told.
leave_out() {
  echo "left out  $judge: $1"
  exit 0
}

need_compiler() { command -v javac >/dev/null || leave_out "no JDK (default-jdk-headless)"; }

fetch_jars() {
  local pom=$1 folder=$2 seconds=$3 said
  shift 3
  ! cmp -s "$pom" "$folder/built_from" || return 0
  command -v mvn >/dev/null || leave_out "no Maven (maven)"
  rm -rf "$folder"
  said=$(timeout "$seconds" mvn -q -B -f "$pom" "$@" 2>&1) ||
    leave_out "Maven: $(grep -m1 -oE '(Could not|Unable to|was not found).*' <<<"$said" | cut -c1-160)"
  cp "$pom" "$folder/built_from"
}
