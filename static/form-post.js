// Sends the one form of the page on to the application; its button does the same without this script.
HTMLFormElement.prototype.submit.call(document.getElementById("form-post"));
