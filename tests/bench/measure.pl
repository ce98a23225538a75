# Runs a command and prints in the last line: start (s since 1970), wall time (s), CPU time (s), peak RSS (KiB).
use strict;
use POSIX ();
use Time::HiRes 'time';

my %getrusage = (x86_64 => 98, aarch64 => 165);
my $number = $getrusage{(POSIX::uname())[4]} or die "the system call number of getrusage(2) is unknown for this architecture\n";
my $start = time;
my $status = system { $ARGV[0] } @ARGV;
my $wall = time - $start;
# Of all processes that were waited for; the peak is that of the largest process.
my $usage = "\0" x 144;
syscall($number, -1, $usage) == 0 or die "getrusage: $!\n";
my ($user, $userMicro, $system, $systemMicro, $peak) = unpack 'q5', $usage;
printf "\n%.6f %.6f %.6f %d\n", $start, $wall, $user + $system + ($userMicro + $systemMicro) / 1e6, $peak;
exit($status == 0 ? 0 : $status >> 8 || 1);
