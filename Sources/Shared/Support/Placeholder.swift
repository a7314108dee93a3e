/// Placeholder until the first file of this folder lands.
package enum Placeholder {}
