//! Elements as Excalidraw writes them, for what others draw.

use serde_json::{Value, json};

/// A rectangle with everything that the drawing asks of one; `index` is its place in the drawing order, as `a1`.
pub(crate) fn rectangle(id: &str, index: &str, place: (i64, i64), size: (i64, i64)) -> Value {
    json!({"id": id, "type": "rectangle", "x": place.0, "y": place.1, "width": size.0, "height": size.1, "angle": 0,
        "strokeColor": "#1e1e1e", "backgroundColor": "transparent", "fillStyle": "solid", "strokeWidth": 2,
        "strokeStyle": "solid", "roughness": 1, "opacity": 100, "groupIds": [], "frameId": null, "index": index,
        "roundness": null, "seed": 1, "version": 1, "versionNonce": 1, "isDeleted": false, "boundElements": null,
        "updated": 1, "link": null, "locked": false})
}

/// The same element with some fields changed, and counted as a change.
pub(crate) fn changed(element: &Value, fields: &Value) -> Value {
    let mut element = element.clone();
    for (name, value) in fields.as_object().expect("fields are an object") {
        element[name] = value.clone();
    }
    let version = element["version"]
        .as_i64()
        .expect("an element counts its changes");
    element["version"] = json!(version + 1);
    element
}

/// A change that puts an element as it is here.
pub(crate) fn put(element: &Value, base_version: i64) -> Value {
    json!({"op": "put", "id": element["id"], "base_version": base_version, "data": element})
}
