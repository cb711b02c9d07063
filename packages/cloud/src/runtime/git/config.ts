/**
 * The only configuration that git reads beside a repository's own. Given as a file, because git passes that on to
 * the helpers it starts for another repository, where options of the command line are dropped.
 */
export const gitConfiguration = `# Written by Trysail at each start.
[safe]
	directory = *
[core]
	# An acknowledged push must survive a crash: objects, their index and the refs reach the disk first.
	fsync = objects,derived-metadata,reference
	hooksPath = /dev/null
	quotePath = false
[init]
	defaultBranch = main
	defaultRefFormat = files
[receive]
	# Always as one pack: two files to bring to the disk instead of one for each object.
	unpackLimit = 1
	autogc = false
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[gc]
	auto = 0
[maintenance]
	auto = false
[advice]
	detachedHead = false
[http]
	# A host that goes silent ends the transfer after a minute.
	lowSpeedLimit = 1
	lowSpeedTime = 60
`;
