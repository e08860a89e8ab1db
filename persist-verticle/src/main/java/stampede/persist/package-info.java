@org.jspecify.annotations.NullMarked
package stampede.persist;
