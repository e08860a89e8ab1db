/**
 * The rules, a class for each group; all work on one {@link stampede.rig.check.rule.Evidence} and
 * add what they find to its findings. A rule takes the kindest reading where clients cannot know
 * better: what it finds is a fact, what it does not find may still be wrong. No I/O, one thread.
 */
@NullMarked
package stampede.rig.check.rule;

import org.jspecify.annotations.NullMarked;
