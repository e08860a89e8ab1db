@org.jspecify.annotations.NullMarked
package stampede.protocol;
