@org.jspecify.annotations.NullMarked
package stampede.rig;
